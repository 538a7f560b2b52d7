"""A company to look at: made up, always the same, a year old on the day it is loaded, in through the public API."""
