import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(scrypt)

/** As a database would have them: no password, but what was derived from it. */
const users = new Map(
  await Promise.all(
    ['Ada', 'Grace', 'Edsger'].map(async (name) => {
      const salt = randomBytes(16)
      return [name.toLowerCase(), { name, salt, derived: await derive('secret', salt, 32) }]
    }),
  ),
)

/** For a name that nobody has, so that it takes as long as a wrong password. */
const nobody = { name: undefined, salt: randomBytes(16), derived: randomBytes(32) }

/** The user's name, if it is one with this password. */
export async function verify(name, password) {
  const user =
    users.get(
      String(name ?? '')
        .trim()
        .toLowerCase(),
    ) ?? nobody
  const derived = await derive(String(password ?? ''), user.salt, 32)
  return timingSafeEqual(derived, user.derived) ? user.name : undefined
}
