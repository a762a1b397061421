import { Worker } from 'node:worker_threads'
import { percentile } from '../percentile.ts'

const EVERY_MS = 5

/**
 * A thread that says the time every few milliseconds, and does nothing else. One that is not to ring waits on the flag
 * itself, and costs nothing; before that it says nothing once, as its last word.
 */
const BELL = `
const { parentPort, workerData } = require('node:worker_threads')
const { ringing, every } = workerData
for (;;) {
  Atomics.wait(ringing, 0, 0)
  while (Atomics.load(ringing, 0) === 1) {
    Atomics.wait(ringing, 0, 1, every)
    parentPort.postMessage(Number(process.hrtime.bigint()))
  }
  parentPort.postMessage(undefined)
}
`

/**
 * How long something that is ready has to wait until the event loop comes to it: from when a message was sent by a
 * thread until it is received. `monitorEventLoopDelay` measures how late a timer is, in milliseconds at best, which
 * here would be as much as what is measured.
 */
export class EventLoopDelay {
  readonly #ringing = new Int32Array(new SharedArrayBuffer(4))
  #waits: number[] = []
  #silent = (): void => {}

  constructor() {
    const workerData = { ringing: this.#ringing, every: EVERY_MS }
    const bell = new Worker(BELL, { eval: true, execArgv: [], workerData })
    bell.on('message', (sent: number | undefined) => {
      if (sent === undefined) this.#silent()
      else this.#waits.push((Number(process.hrtime.bigint()) - sent) / 1e6)
    })
    bell.unref()
  }

  start(): void {
    this.#waits = []
    this.#ring(1)
  }

  /** The 99th percentile in milliseconds, of what is still on its way too. */
  async stop(): Promise<number> {
    const silent = new Promise<void>((resolve) => {
      this.#silent = resolve
    })
    this.#ring(0)
    await silent
    return percentile(this.#waits, 99)
  }

  #ring(flag: 0 | 1): void {
    Atomics.store(this.#ringing, 0, flag)
    Atomics.notify(this.#ringing, 0)
  }
}
