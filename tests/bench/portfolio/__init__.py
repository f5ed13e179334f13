"""What a portfolio costs: first scan, second scan, a change of the law, one question, memory, growth."""
