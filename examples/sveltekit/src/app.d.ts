import type { PlainSession } from 'untorn/sveltekit'

declare global {
  namespace App {
    interface Locals {
      session: PlainSession<{
        cart: Record<string, number>
        notes: Record<string, string>
        notice: string
      }>
    }
  }
}
