import { applications } from './cases/applications.ts'
import { before } from './cases/before.ts'
import { damaged } from './cases/damaged.ts'
import { devices } from './cases/devices.ts'
import { fresh } from './cases/fresh.ts'
import { input } from './cases/input.ts'
import { limit } from './cases/limit.ts'
import { login } from './cases/login.ts'
import { logout } from './cases/logout.ts'
import type { Case } from './shop.ts'

/** What an application and its users do with sessions that belong to somebody, by kinds. */
export const cases: Record<string, Record<string, Case>> = {
  login,
  'a sign-in that is fresh': fresh,
  logout,
  devices,
  'a limit for each owner': limit,
  'several applications': applications,
  'what was stored before': before,
  'records that are damaged': damaged,
  'what is refused': input,
}
