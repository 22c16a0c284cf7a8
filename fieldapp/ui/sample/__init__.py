"""样本: progress and replacements for township and county, drawing and rotation for the county."""
