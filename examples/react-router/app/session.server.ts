import { sessions } from 'untorn/react-router'

/** Files in ./.sessions, secure defaults. */
export const stall = sessions<{
  cart: Record<string, number>
  notes: Record<string, string>
  notice: string
}>()
