// Code that was written with @types/express-session says `declare module 'express-session'` for what a session holds, and stores
// of others import what they derive from by that name. Whether the package and its types are installed or not, it is this.
declare module 'express-session' {
  import session = require('untorn/express-session')
  export = session
}
