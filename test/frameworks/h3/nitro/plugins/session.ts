import { defineNitroPlugin } from 'nitropack/runtime'
import { sessions } from 'untorn/h3'
import { site } from '../site.ts'

/** As an application writes it, but for the options. */
export default defineNitroPlugin(sessions(site.options).install)
