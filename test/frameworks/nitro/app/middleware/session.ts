import { sessions } from 'untorn/h3'
import { site } from '../site.ts'

/** As an application writes it, but for the options. */
export default sessions(site.options)
