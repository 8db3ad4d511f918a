/** The configuration that a deployment on Workers bundles: name your own file here. */
export { default as bundledConfig } from '../config/sandbox.yaml'
