package api

import (
	"errors"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
	swaggerui "github.com/swaggo/files/v2"

	"github.com/alataw/alataw/docs/openapi"
)

// description serves the API's description.
//
//	@Summary	This description
//	@Tags		service
//	@Success	200	{object}	object	"OpenAPI 3.0"
//	@Router		/openapi.json [get]
func (d *door) description(*gin.Context) (any, error) {
	return page{contentType: typeJSON, data: openapi.JSON}, nil
}

// The browsable pages. Everything comes from this program: no other host is asked for a script.
const (
	docsIndex = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Alataw API</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" href="favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="swagger-initializer.js"></script>
</body>
</html>
`
	docsStart = `SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});
`
	docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)

// browse serves the browsable description.
//
//	@Summary	This description, to browse
//	@Tags		service
//	@Produce	html
//	@Success	200	{string}	string	"a page"
//	@Failure	404	{object}	Problem
//	@Router		/docs/ [get]
func (d *door) browse(c *gin.Context) (any, error) {
	name := strings.TrimPrefix(path.Clean(c.Param("file")), "/")
	data, err := docsFile(name)
	if errors.Is(err, fs.ErrNotExist) || strings.HasSuffix(name, ".map") {
		return nil, noSuch("page")
	}
	if err != nil {
		return nil, err
	}
	c.Header("Content-Security-Policy", docsPolicy)
	c.Header("Cache-Control", "public, max-age=3600")
	return page{contentType: docsType(name), data: data}, nil
}

func docsFile(name string) ([]byte, error) {
	switch name {
	case "", ".", "index.html":
		return []byte(docsIndex), nil
	case "swagger-initializer.js":
		return []byte(docsStart), nil
	}
	if !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(swaggerui.FS, name)
}

func docsType(name string) string {
	if found := mime.TypeByExtension(path.Ext(name)); found != "" {
		return found
	}
	return "text/html; charset=utf-8"
}
