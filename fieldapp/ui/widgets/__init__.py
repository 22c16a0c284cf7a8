"""Parts that every screen shares: keys, badges, bars, cards, comparisons. They draw and report and know no rule."""
