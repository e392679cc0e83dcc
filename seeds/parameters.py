"""Every number of the simulated economy, in one place; ``README.md`` gives the tables and the reasons.

Amounts are yuan, rates are per quarter unless their comment says otherwise. None is estimated from real firms.
"""

from datetime import date
from typing import Final

# Calendar
FOUNDED_FROM: Final = 2012
WINDOW_START: Final = date(2019, 1, 1)
YEARS: Final = 6
HORIZON_QUARTERS: Final = 4  # length of the outcome window, 12 months
TEST_QUARTERS: Final = 4  # the last as-of dates whose outcome is complete: the out-of-time window

# Latent factors, on the log-odds scale: technology, team, model fit, network of investors
FACTORS: Final = ("technology", "team", "model_fit", "network")
FACTOR_MEAN: Final = (0.2, 0.2, 0.1, 0.0)  # mean log-odds of a company's long-run level
FACTOR_SPREAD: Final = (0.9, 0.9, 1.0, 1.0)  # spread of that level over companies
FACTOR_SHARED: Final = 0.35  # correlation of the four levels within a company
FACTOR_REVERSION: Final = 0.06  # pull to the long-run level
FACTOR_SHOCK: Final = (0.08, 0.18, 0.20, 0.15)  # innovation of a quarter
SIZE_SPREAD: Final = 0.35  # log-sd of what multiplies a company's amounts and staff
NETWORK_GAIN: Final = 0.25  # what a closed round adds to the log-odds of the network

# Product and revenue
PROGRESS: Final = 0.32  # readiness gained at technology = team = 1 from nothing
PROGRESS_NOISE: Final = 0.5  # log-sd of the gain
LAUNCH: Final = 0.45  # readiness at which the company starts to sell
FIRST_REVENUE: Final = 1.2e6  # revenue a year at launch
GROWTH: Final = 0.34  # growth at readiness = model fit = 1
CHURN: Final = 0.06  # revenue lost
GROWTH_NOISE: Final = 0.10
SATURATION: Final = 4e8  # revenue a year at which growth is halved
MARGIN: Final = (0.20, 0.50)  # gross margin at model fit 0, and what fit 1 adds

# People and cash
FIRST_HEADCOUNT: Final = 6.0
HEADCOUNT_CAP: Final = (10.0, 16.0, 30.0, 60.0, 120.0, 250.0, 450.0, 700.0)  # by rounds closed
HIRING: Final = (0.12, 5.0, 4.0)  # fastest hiring; runway in quarters at which it turns; width of the turn
HIRING_NOISE: Final = 0.04
FEWEST_STAFF: Final = 3.0
REVENUE_PER_HEAD: Final = 1.0e6  # revenue a year that lets the headcount grow by one beyond the cap
COST_PER_HEAD: Final = 9.0e4  # all costs of a quarter per head
COST_NOISE: Final = 0.12  # log-sd of a quarter's cost
GROWTH_SPENDING: Final = 0.08  # share of the cash at hand spent on growth beside the staff
FOUNDERS_CASH: Final = 9.0e6

# Rounds
ROUND_STAGES: Final = ("angel", "seed", "pre_a", "series_a", "series_b", "series_c", "series_d")
ROUND_SIZE: Final = (4e6, 9e6, 1.8e7, 3.8e7, 8e7, 1.6e8, 2.8e8)
ROUND_NOISE: Final = 0.45  # log-sd of the amount
TALKS: Final = 1.1  # chance that talks start at progress = network = climate = 1
IDEA: Final = 0.40  # progress an idea alone is worth to an investor
QUIET: Final = (1.0, 4.0)  # quarters without talks after a round; quarters to full appetite
CLOSING: Final = (0.45, 0.50)  # chance that talks close at network 0, and what network 1 adds; times the climate
DILUTION: Final = (0.12, 0.24)

# Sector climate: exp of an AR(1), with a scripted winter
CLIMATE_MEMORY: Final = 0.85
CLIMATE_SHOCK: Final = 0.07
CLIMATE_COMMON: Final = 0.7  # share of a quarter's shock that all sectors feel
WINTER: Final = {2022: -0.10, 2023: -0.03}  # drift of each quarter of those years

# Lending
LOAN_TO_ROUND: Final = (0.25, 0.35)
LOAN_TERMS: Final = (8, 12)  # quarters
LOAN_RATE: Final = (0.045, 0.095)  # a year
OPENING: Final = (0.40, 0.20)  # chance to open a facility within a year of a round; later
SECURED: Final = 0.12
SAME_BANK: Final = 0.8  # a further facility is opened at the same bank

# Distress
SAFE_RUNWAY: Final = 7.0  # quarters of cash above which there is no shortage
HAZARD_FLOOR: Final = 0.0035  # default out of the blue
HAZARD: Final = 0.33  # default hazard at full shortage and no strength
HAZARD_POWER: Final = 2.0
ARREARS_HAZARD: Final = 0.06  # hazard added by each step of arrears
ARREARS_UP: Final = 0.9  # chance that arrears grow a step at full stress
ARREARS_DOWN: Final = 0.45
DAYS_PAST_DUE: Final = ((0, 0), (1, 29), (30, 59), (60, 89))  # by steps of arrears
INSOLVENCY: Final = 0.4  # chance of default when cash is gone and nobody bridges
RESCUE: Final = 1.3  # chance of a bridge by insiders at network = climate = 1 when cash is gone
BRIDGE_QUARTERS: Final = 2.5
CLOSURE: Final = 0.0008  # closes for other reasons
ACQUISITION: Final = 0.006  # at strength 1, from the second round
LISTING: Final = (0.03, 2.0e8, 5)  # chance; revenue a year and rounds needed

# After a default
WRITE_OFF: Final = (0.60, 90, 270)  # chance, days after
CURE: Final = (0.15, 60, 240)
CLOSED_AFTER: Final = (0.50, 120, 500)
