import { byPGlite } from '../drivers.ts'
import { keepsTheContract } from './keeps-the-contract.ts'

const driver = await byPGlite()

keepsTheContract('PGlite', () => driver)
