/** The version of this broker; a test holds it equal to the one in package.json. */
export const BROKER_VERSION = '0.1.0';
