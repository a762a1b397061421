import type { Spread } from '../measure/statistics.ts'
import type { Axis, SuiteResult, Unit } from '../suite.ts'

/** Everything that is in a picture, before anybody decides where and in which colours. */
export interface Figure {
  title: string
  /** How to read it. */
  explanation: string
  panels: readonly Panel[]
  /** Where and with what it was measured. */
  caption: string
  source: SuiteResult
}

export type Panel = RowPanel | LinePanel

/** Some rows under each other: bars from zero, or points where the axis is logarithmic and has no zero. */
export interface RowPanel {
  kind: 'rows'
  heading: string
  unit: Unit
  scale: 'linear' | 'log'
  marks: readonly Mark[]
}

export interface Mark {
  label: string
  role: Role
  value: Spread
  /** The value as it is printed. */
  text: string
  /** How it compares: "1.5 x". */
  note?: string
}

export interface LinePanel {
  kind: 'lines'
  heading: string
  x: Axis
  y: Axis
  lines: readonly Line[]
}

export interface Line {
  label: string
  role: Role
  points: readonly (readonly [x: number, y: number])[]
}

/** What is compared with what: untorn, those beside it, and what none of them can be below. */
export type Role = 'untorn' | 'peer' | 'floor'

export type Theme = 'light' | 'dark'

/** Makes an SVG of a figure. */
export type Draw = (figure: Figure, theme: Theme) => string
