import { Presets, SingleBar } from 'cli-progress'

export interface ProgressOptions {
  stream: NodeJS.WriteStream
  /** `'bar'` on a terminal, lines elsewhere. */
  kind: 'bar' | 'lines' | 'none'
}

/** Milliseconds between two lines. */
const BETWEEN_LINES = 5000

/** Milliseconds between two states of a bar. */
const BETWEEN_STATES = 100

/** What the user sees of how far it is. Nothing is shown of sessions, and of stores no more than their labels. */
export class Progress {
  readonly #options: ProgressOptions
  #phase: Phase | undefined

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  /** Whether it can show of how many something is. */
  get wantsTotal(): boolean {
    return this.#options.kind === 'bar'
  }

  /** Begins something that is counted. `total`: of how many, where that is known. */
  begin(doing: string, total?: number): Phase {
    this.end()
    const { kind, stream } = this.#options
    if (kind === 'bar' && total !== undefined) this.#phase = new Bar(doing, total, stream)
    else if (kind !== 'none') this.#phase = new Lines(doing, stream)
    else this.#phase = { update() {}, end() {} }
    return this.#phase
  }

  end(): void {
    this.#phase?.end()
    this.#phase = undefined
  }
}

export interface Phase {
  /** To be called at each session: `details` is asked for when it is shown. */
  update(count: number, details?: () => string): void
  end(): void
}

class Bar implements Phase {
  readonly #bar: SingleBar
  readonly #since = performance.now()
  #shown = 0
  #count = 0
  #details = (): string => ''

  constructor(doing: string, total: number, stream: NodeJS.WriteStream) {
    this.#bar = new SingleBar(
      {
        format: `${doing} {bar} {percentage}% | {count} of {all} | {rate}/s | {eta_formatted} left{details}`,
        stream,
        hideCursor: true,
        clearOnComplete: true,
        // Who interrupts it is told how to go on, after the bar is taken away: that is not the bar's to do.
        gracefulExit: false,
      },
      Presets.shades_classic,
    )
    this.#bar.start(total, 0, { count: '0', all: shown(total), rate: '0', details: '' })
  }

  update(count: number, details = () => ''): void {
    this.#count = count
    this.#details = details
    if (performance.now() - this.#shown < BETWEEN_STATES) return
    this.#shown = performance.now()
    this.#show()
  }

  end(): void {
    this.#show()
    this.#bar.stop()
  }

  #show(): void {
    const count = this.#count
    const details = this.#details()
    // There may be more than were counted before.
    if (count > this.#bar.getTotal()) this.#bar.setTotal(count)
    const rate = shown(rateOf(count, this.#since))
    const all = shown(this.#bar.getTotal())
    this.#bar.update(count, { count: shown(count), all, rate, details: details && ` | ${details}` })
  }
}

/** A line now and then. */
class Lines implements Phase {
  readonly #doing: string
  readonly #stream: NodeJS.WriteStream
  readonly #since = performance.now()
  readonly #timer: NodeJS.Timeout
  #count = 0
  #details = (): string => ''

  constructor(doing: string, stream: NodeJS.WriteStream) {
    this.#doing = doing
    this.#stream = stream
    this.#timer = setInterval(() => this.#show(), BETWEEN_LINES)
    this.#timer.unref()
  }

  update(count: number, details = () => ''): void {
    this.#count = count
    this.#details = details
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #show(): void {
    const text = this.#details()
    const details = text && `, ${text}`
    const rate = shown(rateOf(this.#count, this.#since))
    this.#stream.write(`${this.#doing}: ${shown(this.#count)} (${rate}/s)${details}\n`)
  }
}

function rateOf(count: number, since: number): number {
  const seconds = (performance.now() - since) / 1000
  return seconds > 0 ? count / seconds : 0
}

const NUMBERS = new Intl.NumberFormat('en-US')

/** A number, as it is easily read. */
export function shown(number: number): string {
  return NUMBERS.format(Math.round(number))
}
