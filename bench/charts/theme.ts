import type { Role, Theme } from './figure.ts'

export interface Colours {
  background: string
  text: string
  muted: string
  grid: string
  role: Readonly<Record<Role, string>>
}

/**
 * Blue, orange and grey, which every kind of colour blindness tells apart; and untorn's differ from the others in
 * lightness too. The backgrounds are GitHub's: a page that is light for everybody may show either file.
 */
export const colours: Readonly<Record<Theme, Colours>> = {
  light: {
    background: '#ffffff',
    text: '#1f2328',
    muted: '#59636e',
    grid: '#d8dee4',
    role: { untorn: '#0550ae', peer: '#8c959f', floor: '#c4570c' },
  },
  dark: {
    background: '#0d1117',
    text: '#f0f6fc',
    muted: '#9198a1',
    grid: '#30363d',
    role: { untorn: '#4493f8', peer: '#656c76', floor: '#f0883e' },
  },
}

/** What the system has: the letters stay text, and no font is shipped. */
export const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif'

/** Pixels of a picture 640 wide, still to be read when a phone shows it at 360. */
export const sizes = { width: 640, edge: 20, title: 20, heading: 16, label: 16, small: 14 } as const

/** Between what stands beside each other. */
export const GAP = 8

/** The space that a line of text of that size takes. */
export function lineHeight(size: number): number {
  return Math.round(size * 1.35)
}
