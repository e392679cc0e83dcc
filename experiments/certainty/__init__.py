"""Intervals of PDs chosen on evidence, the flag for companies unlike those learned from, the refer band.

``methods`` are the candidates, ``evidence`` measures them where the true PD is known, ``fitted`` makes what is kept.
"""
