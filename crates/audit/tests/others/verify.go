// Verify checks an export of a log with the note and tlog packages of golang.org/x/mod, which
// Portcullis has no part in. For each line on its input it checks the folder once and prints "ok"
// or what is wrong.
//
//	verify <folder> <key of the log> <key of a witness>...
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Strict base64: Go's usual decoder takes several texts for the same bytes.
var strict = base64.StdEncoding.Strict()

// cosigner verifies cosignatures as C2SP tlog-cosignature has them; the note package knows only
// plain signatures, and takes others through its Verifier interface.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed key")
	}
	key, err := strict.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("not a cosigning key")
	}
	hash := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if fmt.Sprintf("%x", hash[:4]) != parts[1] {
		return nil, errors.New("wrong key id")
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(hash[:4]), key[1:]}, nil
}

type checker struct {
	folder string
	origin string
	known  note.Verifiers
	count  int
}

// open verifies a checkpoint: the log and every witness must have signed it.
func (c *checker) open(text []byte) (tree tlog.Tree, err error) {
	n, err := note.Open(text, c.known)
	if err != nil {
		return tree, err
	}
	if len(n.Sigs) != c.count || len(n.UnverifiedSigs) != 0 {
		return tree, errors.New("not signed by all")
	}
	for _, sig := range n.Sigs {
		if _, err := strict.DecodeString(sig.Base64); err != nil {
			return tree, err
		}
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != c.origin {
		return tree, errors.New("malformed checkpoint")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func (c *checker) read(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(c.folder, filepath.FromSlash(path)))
}

// path of a tile: the tlog package has the height in it, tlog-tiles has not.
func path(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

// Height, ReadTiles and SaveTiles let the tlog package read tiles and authenticate them.
func (c *checker) Height() int { return 8 }
func (c *checker) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		bytes, err := c.read(path(t))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}
func (c *checker) SaveTiles([]tlog.Tile, [][]byte) {}

func (c *checker) entries(size int64) (entries [][]byte, err error) {
	for at := int64(0); at < size; at += 256 {
		t := tlog.Tile{H: 8, L: 0, N: at / 256, W: 256}
		if size-at < 256 {
			t.W = int(size - at)
		}
		data, err := c.read(strings.Replace(path(t), "tile/0/", "tile/entries/", 1))
		if err != nil {
			return nil, err
		}
		for i := 0; i < t.W; i++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("bundle %d is cut off", t.N)
			}
			length := int(binary.BigEndian.Uint16(data))
			entries = append(entries, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("bundle %d goes on", t.N)
		}
	}
	return entries, nil
}

// receipt verifies a proof as C2SP tlog-proof has it.
func (c *checker) receipt(text []byte, entries [][]byte) error {
	head, signed, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("malformed receipt")
	}
	// The extra data of a receipt is its entry.
	extra, err := strict.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil || !strings.HasPrefix(lines[1], "extra ") {
		return errors.New("malformed extra data")
	}
	lines = lines[1:]
	tree, err := c.open(signed)
	if err != nil {
		return err
	}
	number := strings.TrimPrefix(lines[1], "index ")
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil || index < 0 || lines[1] != "index "+strconv.FormatInt(index, 10) {
		return errors.New("malformed index")
	}
	if index >= tree.N || index >= int64(len(entries)) {
		return errors.New("index outside of the tree")
	}
	if !bytes.Equal(extra, entries[index]) {
		return errors.New("the receipt is of another entry")
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		if _, err := strict.DecodeString(line); err != nil {
			return err
		}
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entries[index]))
}

func (c *checker) check() error {
	text, err := c.read("checkpoint")
	if err != nil {
		return err
	}
	tree, err := c.open(text)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if text, err = c.read("older"); err != nil {
		return err
	}
	older, err := c.open(text)
	if err != nil {
		return fmt.Errorf("older: %w", err)
	}
	entries, err := c.entries(tree.N)
	if err != nil {
		return err
	}
	receipts, err := filepath.Glob(filepath.Join(c.folder, "receipts", "*"))
	if err != nil || len(receipts) == 0 {
		return errors.New("no receipts")
	}
	sort.Strings(receipts)
	for _, name := range receipts {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := c.receipt(text, entries); err != nil {
			return fmt.Errorf("receipt: %w", err)
		}
	}
	// The tree that the entries give.
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, at := range indexes {
			out = append(out, hashes[at])
		}
		return out, nil
	})
	for at, entry := range entries {
		more, err := tlog.StoredHashes(int64(at), entry, read)
		if err != nil {
			return err
		}
		hashes = append(hashes, more...)
	}
	root, err := tlog.TreeHash(tree.N, read)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the entries do not give the root")
	}
	tiles := tlog.NewTiles(8, 0, tree.N)
	for i, t := range tiles {
		// Of a tile that is not full every width is named; the last one is that of the tree.
		if i+1 < len(tiles) && tiles[i+1].L == t.L && tiles[i+1].N == t.N {
			continue
		}
		expected, err := tlog.ReadTileData(t, read)
		if err != nil {
			return err
		}
		found, err := c.read(path(t))
		if err != nil {
			return err
		}
		if !bytes.Equal(found, expected) {
			return fmt.Errorf("%s was altered", path(t))
		}
	}
	// The tiles alone show that the older tree grew into this one.
	proof, err := tlog.ProveTree(tree.N, older.N, tlog.TileHashReader(tree, c))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash)
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: verify <folder> <key of the log> <key of a witness>...")
		os.Exit(2)
	}
	log, err := note.NewVerifier(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	known := []note.Verifier{log}
	for _, vkey := range os.Args[3:] {
		witness, err := newCosigner(vkey)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		known = append(known, witness)
	}
	c := &checker{os.Args[1], log.Name(), note.VerifierList(known...), len(known)}
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		if err := c.check(); err != nil {
			fmt.Println("damaged:", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok")
		}
	}
}
