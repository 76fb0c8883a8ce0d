package embedded

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository serves an archive of PostgreSQL's programs as a Maven repository does, whatever
// version is asked for. The programs are scripts that call the ones installed in binDir.
type repository struct {
	*httptest.Server
	asked    []string
	checksum func(archive []byte) (body string, status int)
}

func startRepository(t *testing.T, binDir string) *repository {
	t.Helper()
	archive := zipped(t, "postgres.txz", stored(tarred(t, binDir)))
	r := &repository{checksum: func(archive []byte) (string, int) {
		sum := sha256.Sum256(archive)
		return hex.EncodeToString(sum[:]), http.StatusOK
	}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.asked = append(r.asked, request.URL.Path)
		if !strings.HasSuffix(request.URL.Path, ".sha256") {
			_, _ = w.Write(archive)
			return
		}
		body, status := r.checksum(archive)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(r.Close)
	return r
}

func tarred(t *testing.T, binDir string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := tar.NewWriter(&buffer)
	for _, program := range []string{"initdb", "pg_ctl", "postgres"} {
		script := "#!/bin/sh\nexec " + filepath.Join(binDir, program) + " \"$@\"\n"
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: "bin/" + program, Mode: 0o700, Size: int64(len(script)), Typeflag: tar.TypeReg}))
		_, err := archive.Write([]byte(script))
		require.NoError(t, err)
	}
	require.NoError(t, archive.WriteHeader(&tar.Header{Name: "bin/postmaster", Linkname: "postgres", Typeflag: tar.TypeSymlink}))
	require.NoError(t, archive.Close())
	return buffer.Bytes()
}

func zipped(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	file, err := archive.Create(name)
	require.NoError(t, err)
	_, err = file.Write(content)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	return buffer.Bytes()
}

// stored puts content into an xz stream without compressing it: one block, one LZMA2 filter whose
// chunks are all "uncompressed" (The .xz File Format 1.2.1, sections 2 to 4).
func stored(content []byte) []byte {
	flags := []byte{0, 1} // the check is a CRC32
	var stream bytes.Buffer
	stream.Write([]byte{0xFD, '7', 'z', 'X', 'Z', 0})
	stream.Write(withCRC(flags))

	block := stream.Len()
	stream.Write(withCRC([]byte{2, 0, 0x21, 1, 8, 0, 0, 0})) // 12 bytes, LZMA2, dictionary of 64 KiB
	control := byte(1)
	for rest := content; len(rest) > 0; control = 2 {
		chunk := rest[:min(len(rest), 1<<16)]
		rest = rest[len(chunk):]
		stream.WriteByte(control)
		stream.Write(binary.BigEndian.AppendUint16(nil, uint16(len(chunk)-1)))
		stream.Write(chunk)
	}
	stream.WriteByte(0)
	unpadded := stream.Len() - block + 4
	stream.Write(make([]byte, -(stream.Len()-block)&3))
	stream.Write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(content)))

	index := binary.AppendUvarint([]byte{0, 1}, uint64(unpadded))
	index = binary.AppendUvarint(index, uint64(len(content)))
	index = withCRC(append(index, make([]byte, -len(index)&3)...))
	stream.Write(index)
	footer := append(binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1)), flags...)
	stream.Write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(footer)))
	stream.Write(append(footer, 'Y', 'Z'))
	return stream.Bytes()
}

func withCRC(field []byte) []byte {
	return binary.LittleEndian.AppendUint32(field, crc32.ChecksumIEEE(field))
}
