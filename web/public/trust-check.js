// Registered and taken away again at once by state/trust.ts. It does nothing: a browser that
// refuses to fetch it over a connection it was told to put up with says by that what it knows.
