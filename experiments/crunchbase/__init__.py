"""The study on real start-ups: Crunchbase in October 2013 and at the end of 2014."""
