import { fileURLToPath } from 'node:url'
import { build } from 'astro'

// Not by its command, which refuses a Node.js that a build gets on with.
await build({ root: fileURLToPath(new URL('.', import.meta.url)), logLevel: 'error' })
