import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import type { DtoClass } from '../contract/contract.js';
import { isNameRule } from './is-name.js';

/** One decorator on one property, as class-validator keeps it. */
export type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** The rules of a class by property, those of its parents included: what `validate(object)` without options would use. */
export function rulesOf(dto: DtoClass): Map<string, Rule[]> {
  const rules = new Map<string, Rule[]>();
  const storage = getMetadataStorage();
  for (const rule of storage.getTargetValidationMetadatas(dto, '', false, false)) {
    rules.set(rule.propertyName, [...(rules.get(rule.propertyName) ?? []), rule]);
  }
  return rules;
}

/** Whether a type that was declared is a class with rules: not `String`, `Object`, or a class that says nothing. */
export function isDtoClass(type: unknown): type is DtoClass {
  return typeof type === 'function' && rulesOf(type as DtoClass).size > 0;
}

/**
 * The checks that class-validator itself brings, by name. To ask it for all that it exports would load all of it in each server: the telephone
 * numbers of all countries, and more.
 */
export const ownChecks: readonly string[] = `
  arrayContains arrayMaxSize arrayMinSize arrayNotContains arrayNotEmpty arrayUnique contains equals isAlpha
  isAlphanumeric isArray isAscii isBase32 isBase58 isBase64 isBIC isBoolean isBooleanString isBtcAddress
  isByteLength isCreditCard isCurrency isDataURI isDate isDateString isDecimal isDefined isDivisibleBy isEAN
  isEmail isEmpty isEnum isEthereumAddress IsFirebasePushId isFqdn isFullWidth isHalfWidth isHash
  isHexadecimal isHexColor isHSL isIBAN isIdentityCard isIn isInstance isInt isIp isIsbn isIsin
  isISO31661Alpha2 isISO31661Alpha3 isISO31661Numeric isISO4217CurrencyCode isISO6391 isIso8601 isISRC
  isISSN isJson isJwt isLatitude isLatLong isLength isLocale isLongitude isLowercase isMacAddress
  isMagnetURI isMilitaryTime isMimeType isMobilePhone isMongoId isMultibyte isNegative isNotEmpty
  isNotEmptyObject isNotIn isNumber isNumberString isObject isOctal isOptional isPassportNumber
  isPhoneNumber isPort isPositive isPostalCode isRFC3339 isRgbColor isSemVer isString isStrongPassword
  isSurrogatePair isTaxId isTimeZone isUppercase isUrl isUuid isVariableWidth matches max maxDate maxLength
  min minDate minLength notContains notEquals
`
  .trim()
  .split(/\s+/);

/** Pure functions of the value. */
const pure: ReadonlySet<unknown> = new Set([...ownChecks, isNameRule]);

/** The check of one rule on a bare value; undefined where it can only be asked of an instance, or takes a while. */
export function pureCheck(rule: Rule): ((value: unknown) => boolean) | undefined {
  const constraints = getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls);
  if (constraints.length !== 1 || rule.validateIf || constraints[0].async || !pure.has(rule.name)) {
    return undefined;
  }
  const { instance } = constraints[0];
  const { constraints: args, propertyName: property } = rule;
  return (value) =>
    instance.validate(value, { value, constraints: args ?? [], targetName: '', object: {}, property }) ===
    true;
}

/** The class that `@Type(() => Nested)` names. */
export function nestedType(dto: DtoClass, property: string): DtoClass | undefined {
  const metadata = defaultMetadataStorage.findTypeMetadata(dto, property);
  const options = metadata?.options as { discriminator?: unknown } | undefined;
  if (!metadata?.typeFunction || options?.discriminator) {
    return undefined;
  }
  return metadata.typeFunction() as DtoClass;
}

/**
 * Whether class-transformer would make something else of plain JSON: values converted, names changed, defaults filled in,
 * methods added. Such a class is validated and handed over as an instance.
 */
export function isTransformed(dto: DtoClass, properties: Iterable<string>): boolean {
  const storage = defaultMetadataStorage;
  if (storage.getExposedMetadatas(dto).length > 0 || storage.getExcludedMetadatas(dto).length > 0) {
    return true;
  }
  for (const property of properties) {
    if (isPropertyTransformed(dto, property)) {
      return true;
    }
  }
  return hasMethods(dto) || Object.keys(defaultsOf(dto)).length > 0;
}

/** Whether `@Transform` makes something else of the property before it is validated. */
export function isPropertyTransformed(dto: DtoClass, property: string): boolean {
  return defaultMetadataStorage.findTransformMetadatas(dto, property, 0).length > 0;
}

/** The values that an input without them is filled up with. */
export function defaultsOf(dto: DtoClass): Record<string, unknown> {
  return new dto() as Record<string, unknown>;
}

function hasMethods(dto: DtoClass): boolean {
  for (
    let prototype = dto.prototype as object;
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object
  ) {
    if (Object.getOwnPropertyNames(prototype).some((name) => name !== 'constructor')) {
      return true;
    }
  }
  return false;
}
