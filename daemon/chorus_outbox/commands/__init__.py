"""What the commands do. Each prints for a person at a terminal; none decides about invoices."""
