"""The site of the documents: pages made from the code, Persian from right to left, links to documents elsewhere."""
