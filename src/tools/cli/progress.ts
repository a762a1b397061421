import { Format, type Options, type Params, Presets, SingleBar } from 'cli-progress'

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
  #isStopped = false

  constructor(options: ProgressOptions) {
    this.#options = options
  }

  /** Whether it can show of how many something is. */
  get wantsTotal(): boolean {
    return this.#options.kind === 'bar'
  }

  /**
   * Begins something that is counted. `total`: of how many, where that is known. Of what is no session (a part of a
   * store) only the share is shown.
   */
  begin(doing: string, total?: number, counted: 'sessions' | 'parts' = 'sessions'): Phase {
    this.end()
    const { kind, stream } = this.#options
    if (kind === 'none' || this.#isStopped) this.#phase = { update() {}, end() {} }
    else if (kind === 'bar' && total !== undefined) this.#phase = new Bar({ doing, total, counted }, stream)
    else this.#phase = new Lines({ doing, total, counted }, stream)
    return this.#phase
  }

  end(): void {
    this.#phase?.end()
    this.#phase = undefined
  }

  /** Takes away what is shown, and shows nothing more: something else is to be read there. */
  stop(): void {
    this.#isStopped = true
    this.end()
  }
}

export interface Phase {
  /** To be called at each session: `details` is asked for when it is shown. */
  update(count: number, details?: () => string): void
  end(): void
}

interface Counting {
  doing: string
  total: number | undefined
  counted: 'sessions' | 'parts'
}

class Bar implements Phase {
  readonly #bar: SingleBar
  readonly #counting: Counting
  readonly #since = performance.now()
  #shown = 0
  #count = 0
  #details = (): string => ''

  constructor(counting: Counting & { total: number }, stream: NodeJS.WriteStream) {
    this.#counting = counting
    this.#bar = new SingleBar(
      {
        format: (options, params) => this.#line(options, params),
        stream,
        hideCursor: true,
        clearOnComplete: true,
        // Who interrupts it is told how to go on, after the bar is taken away: that is not the bar's to do.
        gracefulExit: false,
      },
      Presets.shades_classic,
    )
    this.#bar.start(counting.total, 0)
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
    // There may be more than were counted before.
    if (this.#count > this.#bar.getTotal()) this.#bar.setTotal(this.#count)
    this.#bar.update(this.#count)
  }

  #line(options: Options, { progress, eta, total, maxWidth }: Params): string {
    const { doing, counted } = this.#counting
    const left = Number.isFinite(eta) ? `${Format.TimeFormat(eta, options, 5).trim()} left` : ''
    const rate = `${shown(rateOf(this.#count, this.#since))}/s`
    const said = counted === 'sessions' ? [`${shown(this.#count)} of ${shown(total)}`, rate, left] : [left]
    const bar = (size: number): string => Format.BarFormat(progress, { ...options, barsize: size })
    return fitted(`${doing} `, bar, [`${Math.floor(progress * 100)}%`, ...said, this.#details()], maxWidth)
  }
}

/** Characters of a bar: it is shortened first, and then what is said beside it, from the end. */
const LONGEST_BAR = 40
const SHORTEST_BAR = 10

/** A line that is never as wide as the terminal, which would break it, and leave its first half behind when it is redrawn. */
function fitted(doing: string, bar: (size: number) => string, parts: string[], width: number): string {
  const said = parts.filter((part) => part !== '')
  const rest = (): string => ` ${said.join(' | ')}`
  const room = (): number => width - 1 - doing.length - rest().length
  while (room() < SHORTEST_BAR && said.length > 1) said.pop()
  const size = Math.max(0, Math.min(LONGEST_BAR, room()))
  return `${doing}${bar(size)}${rest()}`.slice(0, Math.max(0, width - 1))
}

/** A line now and then. */
class Lines implements Phase {
  readonly #counting: Counting
  readonly #stream: NodeJS.WriteStream
  readonly #since = performance.now()
  readonly #timer: NodeJS.Timeout
  #count = 0
  #details = (): string => ''

  constructor(counting: Counting, stream: NodeJS.WriteStream) {
    this.#counting = counting
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
    const { doing, total = 0, counted } = this.#counting
    const rate = shown(rateOf(this.#count, this.#since))
    const far =
      counted === 'sessions'
        ? `${shown(this.#count)} (${rate}/s)`
        : `${Math.floor((this.#count / Math.max(total, 1)) * 100)}%`
    const text = this.#details()
    this.#stream.write(`${doing}: ${far}${text && `, ${text}`}\n`)
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
