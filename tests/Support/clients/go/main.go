// SSH by golang.org/x/crypto: joins its own streams to a command's.
package main

import (
	"fmt"
	"os"

	"golang.org/x/crypto/ssh"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	text, err := os.ReadFile(os.Args[2])
	check(err)
	key, err := ssh.ParsePrivateKey(text)
	check(err)
	config := &ssh.ClientConfig{
		User:            os.Args[1],
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	}
	if cipher := os.Getenv("CIPHER"); cipher != "" {
		config.Ciphers = []string{cipher}
	}
	client, err := ssh.Dial("tcp", "127.0.0.1:"+os.Getenv("PORT"), config)
	check(err)
	session, err := client.NewSession()
	check(err)
	session.Stdin, session.Stdout, session.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = session.Run(os.Args[4])
	if exit, ok := err.(*ssh.ExitError); ok {
		os.Exit(exit.ExitStatus())
	}
	check(err)
}
