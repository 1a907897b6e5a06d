"""What is remembered, and where do numbers come from?"""
