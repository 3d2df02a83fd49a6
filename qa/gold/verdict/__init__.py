"""What a run is worth: measures, scores, statistics, comparison with an earlier run, blame."""
