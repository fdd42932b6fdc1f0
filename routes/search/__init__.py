"""Engines that plan an `Instance`: one small protocol, PyVRP with what is added to it behind it."""
