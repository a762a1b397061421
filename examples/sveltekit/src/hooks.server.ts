import { sessions } from 'untorn/sveltekit'

// Files in ./.sessions, secure defaults.
export const handle = sessions()
