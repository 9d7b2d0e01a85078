// Command registry is the reference registry of images with what a lab needs of it: files on a disk, and users out of an
// htpasswd file. The drivers of clouds' stores are left out, as they take minutes to build. "registry htpasswd USER PASSWORD"
// prints a line of such a file.
package main

import (
	"fmt"
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"golang.org/x/crypto/bcrypt"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "htpasswd" {
		hash, err := bcrypt.GenerateFromPassword([]byte(os.Args[3]), bcrypt.DefaultCost)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s:%s\n", os.Args[2], hash)
		return
	}
	if registry.RootCmd.Execute() != nil {
		os.Exit(1)
	}
}
