package depot

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/mail"
	"net/smtp"
	"os"
	"strings"
	"time"

	"github.com/jlaffaye/ftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

const (
	depotUser = "depot"
	sshWait   = 15 * time.Second
)

type site struct {
	Host    string
	HostKey ssh.PublicKey
}

func signer() (ssh.Signer, error) {
	pem, err := os.ReadFile(os.Getenv("DEPOT_SSH_KEY"))
	if err != nil {
		return nil, err
	}
	return ssh.ParsePrivateKey(pem)
}

func dialKnown(s site) (*ssh.Client, error) {
	key, err := signer()
	if err != nil {
		return nil, err
	}
	hosts, err := knownhosts.New("/etc/depot/known_hosts")
	if err != nil {
		return nil, err
	}
	cfg := &ssh.ClientConfig{
		User:            depotUser,
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: hosts,
		Timeout:         sshWait,
	}
	return ssh.Dial("tcp", net.JoinHostPort(s.Host, "22"), cfg)
}

func dialFixed(s site) (*ssh.Client, error) {
	key, err := signer()
	if err != nil {
		return nil, err
	}
	cfg := &ssh.ClientConfig{User: depotUser, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, Timeout: sshWait}
	cfg.HostKeyCallback = ssh.FixedHostKey(s.HostKey)
	return ssh.Dial("tcp", s.Host+":22", cfg)
}

func dialScanner(s site) (*ssh.Client, error) {
	key, err := signer()
	if err != nil {
		return nil, err
	}
	return ssh.Dial("tcp", s.Host+":22", &ssh.ClientConfig{
		User:            "scanner",
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Timeout:         sshWait,
	})
}

func dialPrinter(s site, key ssh.Signer) (*ssh.Client, error) {
	cfg := &ssh.ClientConfig{User: "labels", Timeout: sshWait, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}}
	cfg.HostKeyCallback = func(hostname string, remote net.Addr, key ssh.PublicKey) error { return nil }
	return ssh.Dial("tcp", s.Host+":22", cfg)
}

func countPallets(client *ssh.Client, r *http.Request) (string, error) {
	session, err := client.NewSession()
	if err != nil {
		return "", err
	}
	defer session.Close()
	var out bytes.Buffer
	session.Stdout = &out
	aisle := r.URL.Query().Get("aisle")
	if err := session.Run("pallets --aisle " + aisle); err != nil {
		return "", err
	}
	return out.String(), nil
}

func countAll(client *ssh.Client) ([]byte, error) {
	session, err := client.NewSession()
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return session.Output("pallets --all")
}

func storeCount(name string, count []byte) error {
	conn, err := ftp.Dial("files.pallets.example:21", ftp.DialWithTimeout(10*time.Second))
	if err != nil {
		return err
	}
	defer conn.Quit()
	if err := conn.Login(depotUser, os.Getenv("DEPOT_FTP_PASSWORD")); err != nil {
		return err
	}
	return conn.Stor(name, bytes.NewReader(count))
}

func storeCountSealed(name string, count []byte) error {
	cfg := &tls.Config{ServerName: "files.pallets.example", MinVersion: tls.VersionTLS12}
	conn, err := ftp.Dial("files.pallets.example:21", ftp.DialWithTimeout(10*time.Second), ftp.DialWithExplicitTLS(cfg))
	if err != nil {
		return err
	}
	defer conn.Quit()
	if err := conn.Login(depotUser, os.Getenv("DEPOT_FTP_PASSWORD")); err != nil {
		return err
	}
	return conn.Stor(name, bytes.NewReader(count))
}

func submission() (*smtp.Client, error) {
	dialer := &tls.Dialer{
		NetDialer: &net.Dialer{Timeout: 10 * time.Second},
		Config:    &tls.Config{ServerName: "submit.pallets.example", MinVersion: tls.VersionTLS12},
	}
	conn, err := dialer.Dial("tcp", "submit.pallets.example:465")
	if err != nil {
		return nil, err
	}
	return smtp.NewClient(conn, "submit.pallets.example")
}

func askSupervisor(w http.ResponseWriter, r *http.Request) {
	client, err := submission()
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer client.Close()
	subject := r.PostFormValue("subject")
	message := "From: depot@pallets.example\r\nTo: floor@pallets.example\r\nSubject: " + subject + "\r\n\r\nSee the board.\r\n"
	if client.Mail("depot@pallets.example") != nil || client.Rcpt("floor@pallets.example") != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	body, err := client.Data()
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer body.Close()
	body.Write([]byte(message))
}

func askQuietly(w io.Writer, r *http.Request) error {
	subject := strings.NewReplacer("\r", "", "\n", "").Replace(r.PostFormValue("subject"))
	address, err := mail.ParseAddress(r.PostFormValue("reply"))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Reply-To: %s\r\nSubject: %s\r\n\r\nSee the board.\r\n", address.String(), mime.QEncoding.Encode("utf-8", subject))
	return err
}
