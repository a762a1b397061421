/** What browsers tell cookies apart by: they keep two that differ in one of these, and send both. */
export interface CookieShape {
  name: string
  domain: string | undefined
  path: string
  partitioned: boolean
}

export function isSameShape(one: CookieShape, other: CookieShape): boolean {
  return (
    one.name === other.name &&
    one.path === other.path &&
    one.domain === other.domain &&
    one.partitioned === other.partitioned
  )
}

// What browsers demand of a name that begins so; they compare without regard to case.
const PREFIX = /^__(host-http|host|secure|http)-/i

/** The prefix that a name brings along, as it is spelt. */
export function prefixOf(name: string): string | undefined {
  return PREFIX.exec(name)?.[0]
}

/** The name with the strictest prefix that browsers take such a cookie with. */
export function prefixedName({ name, path, domain }: CookieShape): string {
  return path === '/' && domain === undefined ? `__Host-${name}` : `__Secure-${name}`
}
