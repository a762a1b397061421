import 'express-session'

declare module 'express-session' {
  interface SessionData {
    user: { name: string; admin?: boolean }
    views: number
  }
}

declare module 'untorn/express-session' {
  interface SessionData {
    own: string[]
  }
}
