package kit

// Identity is how the place where keyturn runs proves to AWS who it is.
type Identity string
