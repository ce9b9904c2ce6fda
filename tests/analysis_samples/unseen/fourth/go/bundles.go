package bundles

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	shared  = 0o777
	private = 0o600
	maxFile = 64 << 20
)

var errOutside = errors.New("bundle member leads outside")

type index struct {
	XMLName xml.Name `xml:"index"`
	Files   []string `xml:"file"`
}

// UnpackZip is used for the bundles of the print shop.
func UnpackZip(src, dst string) error {
	zr, err := zip.OpenReader(src)
	if err != nil {
		return err
	}
	defer zr.Close()
	for _, f := range zr.File {
		if f.FileInfo().IsDir() {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return err
		}
		out, err := os.Create(filepath.Join(dst, f.Name))
		if err != nil {
			return err
		}
		if _, err = io.Copy(out, io.LimitReader(in, maxFile)); err != nil {
			return err
		}
		out.Close()
		in.Close()
	}
	return nil
}

func UnpackZipChecked(src, dst string) error {
	zr, err := zip.OpenReader(src)
	if err != nil {
		return err
	}
	defer zr.Close()
	root := filepath.Clean(dst) + string(os.PathSeparator)
	for _, f := range zr.File {
		target := filepath.Join(dst, f.Name)
		if !strings.HasPrefix(target, root) {
			return fmt.Errorf("%w: %q", errOutside, f.Name)
		}
		if f.FileInfo().IsDir() {
			continue
		}
		if err := copyMember(f, target); err != nil {
			return err
		}
	}
	return nil
}

func copyMember(f *zip.File, target string) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, private)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = io.CopyN(out, in, maxFile)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func UnpackTar(r io.Reader, dst string) error {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	tr := tar.NewReader(gz)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(tr, maxFile))
		if err != nil {
			return err
		}
		if err := os.WriteFile(dst+"/"+h.Name, body, private); err != nil {
			return err
		}
	}
}

func UnpackTarFlat(r io.Reader, dst string) error {
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(tr, maxFile))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dst, filepath.Base(h.Name)), body, private); err != nil {
			return err
		}
	}
}

func ListZip(src string) ([]string, error) {
	zr, err := zip.OpenReader(src)
	if err != nil {
		return nil, err
	}
	defer zr.Close()
	var names []string
	for _, f := range zr.File {
		names = append(names, filepath.ToSlash(f.Name))
	}
	return names, nil
}

func ReadIndex(r io.Reader) (*index, error) {
	var ix index
	dec := xml.NewDecoder(io.LimitReader(r, 1<<20))
	dec.Strict = true
	return &ix, dec.Decode(&ix)
}

// ---- places for work

func Spool() (*os.File, error) {
	return os.CreateTemp("", "spool-*.pdf")
}

func SpoolFixed(page []byte) error {
	return os.WriteFile("/tmp/print-spool.pdf", page, 0600)
}

func WorkDir() (string, error) {
	return os.MkdirTemp(os.Getenv("PRINT_WORK"), "job")
}

func Inbox(dir string) error {
	return os.MkdirAll(filepath.Join(dir, "inbox"), shared)
}

func Outbox(dir string) error {
	return os.MkdirAll(filepath.Join(dir, "outbox"), 0o750)
}

func KeepKey(dir string, pem []byte) error {
	return os.WriteFile(filepath.Join(dir, "shop-private.key"), pem, 0o644)
}

func KeepKeyPrivately(dir string, pem []byte) error {
	return os.WriteFile(filepath.Join(dir, "shop-private.key"), pem, private)
}

func KeepPriceList(dir string, list []byte) error {
	return os.WriteFile(filepath.Join(dir, "prices.txt"), list, 0o644)
}

func Open(path string) error {
	if err := os.Chmod(path, 0o666); err != nil {
		return err
	}
	return nil
}

func Quiet() int {
	return syscall.Umask(0o077)
}

func Loose() int {
	return syscall.Umask(0)
}
