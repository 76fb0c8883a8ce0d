package watchlist_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/alataw/alataw/internal/watchlist"
)

// An OFAC list in its published format, with parties that do not exist.
var (
	sdnCSV = ofacFile(
		`101,"BORDURIAN AIRLINES",-0- ,"BORDURIA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"a.k.a. 'BAL'; Linked To: KURVI-TASCH, Plekszy."`,
		`102,"ORVANE, Tessaly Quim","individual","SDGT","Colonel, ""The Grey""",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 01 Jan 1961; POB Klow; nationality Iran; a.k.a. 'AL-'TESS' OF KLOW'."`,
		`103,"BELLA","vessel","BORDURIA",-0- ,"XX123","General Cargo","2597","1098","Borduria","Bordurian Lines",-0- `,
		`104,"EP-ZZZ","aircraft","SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- `,
		`105,"Z99",-0- ,"SDNTK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- `,
		`106,"MARLINSPIKE [BORDURIA] TRADING CO., LTD.",-0- ,"SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- `,
	)
	altCSV = ofacFile(
		`101,12,"aka","BORDAIR EXPRESS",-0- `,
		`101,13,"fka","BORD",-0- `,
		`102,14,"aka","OVANE, Tess",-0- `,
		`102,15,"nka","MARLINSPIKE BORDURIA TRADING CO LTD",-0- `,
	)
	addCSV = ofacFile(
		`101,25,-0- ,"Szohod","Borduria",-0- `,
		`101,26,"1 Opera Square","Klow","Syldavia",-0- `,
		`102,27,-0- ,-0- ,-0- ,-0- `,
	)
)

func ofacFile(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\x1a" }

func file(name, content string) watchlist.File {
	return watchlist.File{Name: name, Reader: strings.NewReader(content)}
}

func zipped(t testing.TB, name, content string) watchlist.File {
	t.Helper()
	return watchlist.File{Name: name, Reader: bytes.NewReader(gzipped(t, content))}
}

func gzipped(t testing.TB, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// imported reads the list above.
func imported(t testing.TB) []watchlist.Entry {
	t.Helper()
	entries, _, err := watchlist.Parse(watchlist.OFAC, []watchlist.File{file("sdn", sdnCSV), file("alt", altCSV), file("add", addCSV)})
	require.NoError(t, err)
	return entries
}
