package api

import (
	"net/http"
	"os"
	"os/exec"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
)

type API struct{ db *gorm.DB }

func (a *API) List(c *gin.Context) {
	var items []Item
	a.db.Raw("SELECT * FROM items WHERE kind = '" + c.Query("kind") + "'").Scan(&items)
	a.db.Where("kind = ?", c.Query("kind")).Find(&items)
	c.JSON(http.StatusOK, items)
}

func (a *API) Download(c *gin.Context) {
	c.File("/data/" + c.Param("name"))
}

func (a *API) Remove(c *gin.Context) {
	name := c.Param("name")
	_ = os.Remove("/data/" + name)
}

func (a *API) Convert(c *gin.Context) {
	cmd := exec.Command("bash", "-c", "convert "+c.PostForm("args"))
	_ = cmd.Run()
}

func (a *API) Forward(c *gin.Context) {
	c.Redirect(http.StatusFound, c.Query("to"))
}
