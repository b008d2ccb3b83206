// Checks a published log with Go's own libraries for signed notes and transparency logs (golang.org/x/mod/sumdb),
// which know nothing of Fairwitness: other people's programs must accept the log as it is.
//
//	main FOLDER VKEY [OLD_CHECKPOINT]   opens FOLDER/checkpoint, proves its records and, if given, the old tree
//	main sign TEXT                      prints a fresh key and TEXT as a note signed by it
package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "sign" {
		sign(os.Args[2])
		return
	}
	folder := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check("the key", err)
	tree := open(filepath.Join(folder, "checkpoint"), verifier)
	reader := tlog.TileHashReader(tree, tiles(folder))
	records := 0
	for bundle := int64(0); bundle*256 < tree.N; bundle++ {
		for _, record := range entries(folder, bundle, tree.N) {
			index := bundle*256 + int64(record.at)
			records++
			if tree.N > 5000 && index%97 != 0 && index != tree.N-1 {
				continue // in a large tree a sample of the proofs will do
			}
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			check(fmt.Sprintf("the proof of record %d", index), err)
			check(fmt.Sprintf("record %d", index),
				tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record.data)))
		}
	}
	if int64(records) != tree.N {
		fail("there are %d records in a tree of %d", records, tree.N)
	}
	if len(os.Args) > 3 {
		old := open(os.Args[3], verifier)
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		check("the proof of the old tree", err)
		check("the old tree", tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	}
	fmt.Printf("accepted %d records\n", records)
}

// open gives the tree of a signed checkpoint. Go's parser wants its own first line, so that alone is exchanged.
func open(path string, verifier note.Verifier) tlog.Tree {
	signed, err := os.ReadFile(path)
	check("reading the checkpoint", err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check("the signature", err)
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != verifier.Name() {
		fail("the checkpoint is of %q", origin)
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	check("the tree", err)
	return tree
}

// tiles reads C2SP tiles of height 8: Go writes their paths with the height, C2SP without.
type tiles string

func (folder tiles) Height() int { return 8 }

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(folder), path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func (folder tiles) SaveTiles([]tlog.Tile, [][]byte) {}

type record struct {
	at   int
	data []byte
}

// entries reads a bundle: each entry after its length in two bytes, big-endian.
func entries(folder string, bundle, size int64) []record {
	width := 256
	if size-bundle*256 < 256 {
		width = int(size - bundle*256)
	}
	path := tlog.Tile{H: 8, L: 0, N: bundle, W: width}.Path()
	data, err := os.ReadFile(filepath.Join(folder, strings.Replace(path, "tile/8/0/", "tile/entries/", 1)))
	check("reading a bundle", err)
	var found []record
	for at := 0; len(data) > 0; at++ {
		length := int(data[0])<<8 | int(data[1])
		found = append(found, record{at, data[2 : 2+length]})
		data = data[2+length:]
	}
	return found
}

func sign(text string) {
	private, public, err := note.GenerateKey(rand.Reader, "go.example/log")
	check("making a key", err)
	signer, err := note.NewSigner(private)
	check("the signer", err)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	check("signing", err)
	if !bytes.HasPrefix(signed, []byte(text)) {
		fail("the text was changed")
	}
	fmt.Printf("%s\n%s", public, signed)
}

func check(what string, err error) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func fail(format string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
