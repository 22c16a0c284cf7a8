"""Rules over answers: what the county concludes from the questionnaires. Pure functions; no questionnaire is needed to run them."""
