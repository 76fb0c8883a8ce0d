package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that the database runs as: PostgreSQL refuses to run as root.
type account struct {
	name     string
	uid, gid uint32
	switched bool // it is not the user this process runs as
}

// accountFor returns the user to run the database in data as: ourselves; as root the user who
// owns data, or for a new database postgres, else nobody.
func accountFor(data string) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "uid " + strconv.Itoa(os.Geteuid()), uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	info, err := os.Stat(data)
	if errors.Is(err, fs.ErrNotExist) {
		return unprivileged()
	}
	if err != nil {
		return account{}, err
	}
	owner := info.Sys().(*syscall.Stat_t)
	if owner.Uid == 0 {
		return account{}, fmt.Errorf("%s belongs to root, and PostgreSQL does not run as root: chown it to an ordinary user", data)
	}
	name := "uid " + strconv.Itoa(int(owner.Uid))
	if known, err := user.LookupId(strconv.Itoa(int(owner.Uid))); err == nil {
		name = known.Username
	}
	return account{name: name, uid: owner.Uid, gid: owner.Gid, switched: true}, nil
}

// unprivileged finds an ordinary system user. An invented id would not do: initdb looks it up.
func unprivileged() (account, error) {
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		known, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(known.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(known.Gid, 10, 32)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return account{name: name, uid: uint32(uid), gid: uint32(gid), switched: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

// attributes start a process as the account, in a process group of its own, so that Ctrl-C
// reaches only us, and tied to our life where the platform can do that.
func (a account) attributes() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if a.switched {
		attributes.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: []uint32{}}
	}
	stopWithParent(attributes)
	return attributes
}

// own gives path to the account.
func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// blockedAt returns the topmost of dir and its parents that the account cannot pass, "" when it
// can get to dir.
func (a account) blockedAt(dir string) (string, error) {
	if !a.switched {
		return "", nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if blocked, err := a.blockedAt(parent); blocked != "" || err != nil {
			return blocked, err
		}
	}
	entered, err := a.canEnter(dir)
	if entered || err != nil {
		return "", err
	}
	return dir, nil
}

// canEnter asks the kernel, which knows of ACLs and mount options too: a child that has become
// the account changes to dir and then runs a program that does not exist. Its complaint tells how
// far it came.
func (a account) canEnter(dir string) (bool, error) {
	_, err := os.StartProcess("/nonexistent/program", []string{"probe"}, &os.ProcAttr{Dir: dir, Sys: a.attributes()})
	switch {
	case errors.Is(err, syscall.ENOENT):
		return true, nil
	case errors.Is(err, syscall.EACCES):
		return false, nil
	}
	return false, fmt.Errorf("become user %s: %w", a.name, err)
}
