"""The site of the documents: reference pages made from the code, Persian pages from right to left, links between them."""
