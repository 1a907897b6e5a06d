"""How is it said, asked, answered, and when?"""
