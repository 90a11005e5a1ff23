// Command go_verifier checks feeds without any code of this project: signatures, proofs and trees by
// golang.org/x/mod/sumdb, which other people wrote. It reads one JSON item a line and writes one
// verdict a line. Items about one feed follow its keys; []byte fields are base64.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type item struct {
	ID, Kind   string   // key | leaf | checkpoint | tree | inclusion | consistency | proof
	Vkey       string   // key: name+hexid+base64; the name is the origin
	Origin     string   // all others
	Text       []byte   // checkpoint, proof: the text as signed
	Salt, Body []byte   // leaf, proof; inclusion: absent for the leaf given earlier
	Checkpoint string   // tree, inclusion, consistency: id of an accepted checkpoint
	Older      string   // consistency: id of the older one
	Index      int64    // inclusion
	Proof      [][]byte // inclusion, consistency
}

type feed struct {
	keys   []note.Verifier
	leaves int64
	hashes []tlog.Hash
	trees  map[string]tlog.Tree
}

func (f *feed) ReadHashes(at []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(at))
	for i, n := range at {
		found[i] = f.hashes[n]
	}
	return found, nil
}

func leafHash(salt, body []byte) (tlog.Hash, error) {
	if len(salt) != sha256.Size {
		return tlog.Hash{}, errors.New("salt is not 32 bytes")
	}
	commitment := sha256.Sum256(append(append([]byte{}, salt...), body...))
	return tlog.RecordHash(commitment[:]), nil
}

func hash(raw []byte) (h tlog.Hash, err error) {
	if len(raw) != tlog.HashSize {
		return h, errors.New("hash is not 32 bytes")
	}
	copy(h[:], raw)
	return h, nil
}

func hashes(raw [][]byte) (list []tlog.Hash, err error) {
	for _, r := range raw {
		h, err := hash(r)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, nil
}

func (f *feed) open(origin string, text []byte) (t tlog.Tree, err error) {
	n, err := note.Open(text, note.VerifierList(f.keys...))
	if err != nil {
		return t, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != origin {
		return t, errors.New("not a checkpoint of this origin")
	}
	if t.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil || t.N < 0 || strconv.FormatInt(t.N, 10) != lines[1] {
		return t, errors.New("malformed size")
	}
	if t.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		return t, err
	}
	if t.N == 0 && t.Hash != sha256.Sum256(nil) {
		return t, errors.New("empty tree with another root")
	}
	return t, nil
}

func (f *feed) tree(id string) (tlog.Tree, error) {
	t, ok := f.trees[id]
	if !ok {
		return t, errors.New("no accepted checkpoint " + id)
	}
	return t, nil
}

func (f *feed) checkTree(it item) error {
	t, err := f.tree(it.Checkpoint)
	if err != nil || t.N == 0 { // an empty tree's root was checked when it was opened
		return err
	}
	if t.N > f.leaves {
		return errors.New("leaves are missing")
	}
	root, err := tlog.TreeHash(t.N, f)
	if err == nil && root != t.Hash {
		err = errors.New("leaves give another root")
	}
	return err
}

func (f *feed) checkInclusion(it item) error {
	t, err := f.tree(it.Checkpoint)
	if err != nil {
		return err
	}
	proof, err := hashes(it.Proof)
	if err != nil {
		return err
	}
	var leaf tlog.Hash
	if it.Salt != nil {
		leaf, err = leafHash(it.Salt, it.Body)
	} else if it.Index < 0 || it.Index >= f.leaves {
		err = errors.New("no such leaf")
	} else {
		leaf = f.hashes[tlog.StoredHashIndex(0, it.Index)]
	}
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, t.N, t.Hash, it.Index, leaf)
}

func (f *feed) checkConsistency(it item) error {
	older, err := f.tree(it.Older)
	if err != nil {
		return err
	}
	newer, err := f.tree(it.Checkpoint)
	if err != nil {
		return err
	}
	proof, err := hashes(it.Proof)
	if err != nil {
		return err
	}
	if older.N == 0 { // the package leaves this case out: nothing to prove, so nothing may be said
		if len(proof) != 0 || (newer.N == 0 && newer.Hash != older.Hash) {
			return errors.New("a proof from the empty tree is empty")
		}
		return nil
	}
	return tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash)
}

func (f *feed) checkProof(it item) error { // c2sp.org/tlog-proof
	parts := bytes.SplitN(it.Text, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("malformed proof")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("no index")
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var raw [][]byte
	for _, line := range lines[1:] {
		r, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return err
		}
		raw = append(raw, r)
	}
	t, err := f.open(it.Origin, parts[1])
	if err != nil {
		return err
	}
	f.trees["\x00"] = t
	it.Checkpoint, it.Index, it.Proof = "\x00", index, raw
	if it.Salt == nil {
		return errors.New("no salt")
	}
	return f.checkInclusion(it)
}

func judge(feeds map[string]*feed, it item) error {
	if it.Kind == "key" {
		v, err := note.NewVerifier(it.Vkey)
		if err != nil {
			return err
		}
		if feeds[v.Name()] == nil {
			feeds[v.Name()] = &feed{trees: map[string]tlog.Tree{}}
		}
		feeds[v.Name()].keys = append(feeds[v.Name()].keys, v)
		return nil
	}
	f := feeds[it.Origin]
	if f == nil {
		return errors.New("no key for " + it.Origin)
	}
	switch it.Kind {
	case "leaf":
		h, err := leafHash(it.Salt, it.Body)
		if err != nil {
			return err
		}
		rows, err := tlog.StoredHashesForRecordHash(f.leaves, h, f)
		if err == nil {
			f.hashes, f.leaves = append(f.hashes, rows...), f.leaves+1
		}
		return err
	case "checkpoint":
		t, err := f.open(it.Origin, it.Text)
		if err == nil {
			f.trees[it.ID] = t
		}
		return err
	case "tree":
		return f.checkTree(it)
	case "inclusion":
		return f.checkInclusion(it)
	case "consistency":
		return f.checkConsistency(it)
	case "proof":
		return f.checkProof(it)
	}
	return errors.New("unknown kind " + it.Kind)
}

func main() {
	feeds := map[string]*feed{}
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), bufio.NewWriter(os.Stdout)
	for in.More() {
		var it item
		if err := in.Decode(&it); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		why := ""
		err := judge(feeds, it)
		if err != nil {
			why = err.Error()
		}
		line, _ := json.Marshal(map[string]any{"id": it.ID, "ok": err == nil, "why": why})
		fmt.Fprintf(out, "%s\n", line)
	}
	out.Flush()
}
