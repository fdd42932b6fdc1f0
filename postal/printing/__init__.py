"""From what queries answer to paper: the labels library sets it, this hands over the fields. Every door prints here."""
