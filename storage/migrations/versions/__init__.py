"""Every version of the tables; each one stands for itself and is never changed."""
