import type { Chart } from './compose.ts'
import { contention } from './of/contention.ts'
import { cpu, latency, requests } from './of/http.ts'
import { loops } from './of/loops.ts'
import { create, load, memory, sweep } from './of/scale.ts'
import { bytes, servers } from './of/servers.ts'
import { p99, p999 } from './of/slow-disk.ts'
import { soak } from './of/soak.ts'
import { disk, store } from './of/store.ts'

/** All that is drawn. A chart whose suite was not measured is left out. */
export const charts: readonly Chart[] = [
  store,
  disk,
  requests,
  cpu,
  latency,
  loops,
  contention,
  servers,
  bytes,
  p99,
  p999,
  load,
  create,
  sweep,
  memory,
  soak,
]
