// What the handlers of these tests keep in a session.
declare module '../../../src/express.ts' {
  interface SessionData {
    user: string
    views?: number
    list?: number[]
    notice: string
    [anyOther: `key${number}`]: number
  }
}

export {}
