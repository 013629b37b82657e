"""The notes' claims, and the verdicts that the results of this profile give them; reads results/ only."""
