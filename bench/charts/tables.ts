import { capacity, peak } from './of/server-capacity.ts'
import { bytes, hotSession, options, roundTrips, serverTime, throughput } from './of/server-tables.ts'
import type { Table } from './table.ts'

export const tables: readonly Table[] = [
  throughput,
  roundTrips,
  hotSession,
  bytes,
  options,
  capacity,
  serverTime,
  peak,
]
