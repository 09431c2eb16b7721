"""The adapters: each touches one part of the world and decides nothing about invoices."""
